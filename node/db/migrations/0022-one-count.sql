-- What is unread is counted by room_notifications; rooms need no count of their own.
alter table rooms drop column attention_count;
alter table events drop column attention_count;
